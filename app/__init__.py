"""Binôme: mentoring associations, each in a space of its own."""

from flask import Flask

from .config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application. This function reads as the table of contents."""
    from . import checks, database, edge, errors, extensions, gate, house, jobs, logs, navigation, rendering, web
    from .accounts import security, sessions
    from .packages import blueprints, demonstration
    from .tenants import resolve

    settings = settings or Settings.from_environment()
    app = errors.Application(__name__, instance_path=str(settings.instance))
    app.config.from_mapping(settings.flask())
    logs.configure(settings)

    database.init_app(app)  # first, so that its commit is the last thing a request does
    extensions.db.init_app(app)
    extensions.mailer.init_app(app)
    extensions.babel.init_app(app)  # type: ignore[no-untyped-call]
    extensions.bootstrap.init_app(app)

    web.register_converters(app)
    web.init_app(app)
    edge.init_app(app)
    extensions.limiter.init_app(app)  # after who numbers requests, and has the last word on headers
    errors.init_app(app)
    sessions.init_app(app)
    extensions.csrf.init_app(app)  # after what says that the database is gone: without it, every form would seem forged
    resolve.init_app(app)
    jobs.init_app(app)
    security.init_app(app)
    app.register_blueprint(house.bp)
    for blueprint in (*blueprints(), *(demonstration() if settings.demo else ())):
        app.register_blueprint(blueprint)
    navigation.init_app(app)
    gate.init_app(app)

    checks.refuse_unfit_database(app)
    rendering.say_what_is_missing()
    return app
