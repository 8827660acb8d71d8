"""Settings from the environment, that refuse to guess."""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured


class Env(environ.Env):
    """django-environ, but a mistyped value stops the start, and a secret may come from NAME_FILE."""

    def switch(self, name, default=False):
        """Read `on` or `off`; raise ImproperlyConfigured for anything else."""
        text = self.str(name, default="on" if default else "off")
        if text not in {"on", "off"}:
            raise ImproperlyConfigured(f"{name} must be 'on' or 'off', not {text!r}.")
        return text == "on"

    def whole(self, name, default):
        """Read a whole number of 0 or more; raise ImproperlyConfigured for anything else."""
        text = self.str(name, default=str(default))
        if not (text.isascii() and text.isdigit()):
            raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.")
        return int(text)

    def secret(self, name):
        """Read a value that must be there, from NAME or from the file that NAME_FILE points to."""
        path = os.environ.get(f"{name}_FILE")
        try:
            value = Path(path).read_text().strip() if path else self.str(name, default="")
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}.") from error
        if not value:
            raise ImproperlyConfigured(f"{name} is not set. README.md says what it is for.")
        return value

    def database(self, name, default):
        """Read a database address; raise ImproperlyConfigured for one that is neither PostgreSQL nor SQLite."""
        address = self.str(name, default="") or default
        if not address.startswith(("postgres://", "postgresql://", "sqlite://")):
            raise ImproperlyConfigured(f"{name} must begin with postgres:// or sqlite:///.")
        return self.parsed(name, self.db_url_config, address)

    def mail(self, name, default):
        """Read the address of a mail server; raise ImproperlyConfigured for one that is none."""
        return self.parsed(name, self.email_url_config, self.str(name, default="") or default)

    def parsed(self, name, parse, address):
        try:
            return parse(address)
        except (ValueError, ImproperlyConfigured) as error:
            raise ImproperlyConfigured(f"{name} is not a valid address: {error}.") from None
