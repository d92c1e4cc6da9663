"""Decision support for a county's comprehensive governance centre (综治中心)."""
