"""The operator console: its build, made when its sources changed, and how the service hands it to browsers."""
