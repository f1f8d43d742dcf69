"""The blueprints of every package, bottom to top."""

from flask import Blueprint


def blueprints() -> tuple[Blueprint, ...]:
    """Pages and commands."""
    from . import commands
    from .accounts import commands as accounts_commands
    from .accounts import second_factor_views, team
    from .accounts import views as accounts
    from .certificates import commands as certificates_commands
    from .certificates import views as certificates
    from .followup import views as followup
    from .leads import commands as leads_commands
    from .leads import views as leads
    from .meetings import views as meetings
    from .pairs import views as pairs
    from .partners import api
    from .partners import views as partners
    from .people import views as people
    from .privacy import views as privacy
    from .programme import commands as spaces_commands
    from .programme import views as programme
    from .tenants import views as tenants
    from .territory import views as territory
    from .training import views as training

    pages = (
        tenants, accounts, second_factor_views, team, territory, leads, partners, api, people, training, pairs, meetings,
        certificates, followup, programme, privacy,
    )  # fmt: skip
    tools = (commands, accounts_commands, leads_commands, spaces_commands, certificates_commands)
    return (*(package.bp for package in pages), *(package.cli for package in tools))


def demonstration() -> tuple[Blueprint, ...]:
    """What exists in the demonstration only."""
    from .demo import views

    return (views.bp,)
