"""Partners of a space, who send requests and follow them by machine: the API, its keys, and the webhooks that tell them."""
