"""Settings from the environment, that refuse to guess."""

import os
import re
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email


class Env(environ.Env):
    """django-environ, but a mistyped value stops the start, and a secret may come from NAME_FILE."""

    def switch(self, name, default=False):
        """Read `on` or `off`; raise ImproperlyConfigured for anything else."""
        return self.choice(name, ["on", "off"], default="on" if default else "off") == "on"

    def choice(self, name, choices, default):
        """Read one of these words; raise ImproperlyConfigured for any other."""
        text = self.str(name, default=default)
        if text not in choices:
            raise ImproperlyConfigured(f"{name} must be {' or '.join(map(repr, choices))}, not {text!r}.")
        return text

    def whole(self, name, default, least=0):
        """Read a whole number of `least` or more; raise ImproperlyConfigured for anything else."""
        text = self.str(name, default=str(default))
        if not (text.isascii() and text.isdigit()) or int(text) < least:
            raise ImproperlyConfigured(f"{name} must be a whole number of {least} or more, not {text!r}.")
        return int(text)

    def hosts(self, name, default):
        """Read host names with commas between them; raise ImproperlyConfigured when there is none."""
        hosts = [host.strip() for host in self.str(name, default=default).split(",") if host.strip()]
        if not hosts:
            raise ImproperlyConfigured(f"{name} must name at least one host.")
        return hosts

    def listen(self, name, default):
        """Read where a server listens; raise ImproperlyConfigured unless it is host:port or unix:/path."""
        text = self.str(name, default=default)
        port = re.fullmatch(r"(?:[\w.-]+|\[[0-9a-f:]+\]):([0-9]{1,5})", text, re.ASCII | re.IGNORECASE)
        if not ((port and int(port[1]) < 65536) or re.fullmatch(r"unix:/.+", text)):
            raise ImproperlyConfigured(f"{name} must be host:port or unix:/path, not {text!r}.")
        return text

    def site(self, name, default):
        """Read where a site is; raise ImproperlyConfigured unless it is http(s)://host or http(s)://host:port."""
        text = self.str(name, default="").removesuffix("/")
        if text and not re.fullmatch(r"https?://(?:[\w.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?", text, re.ASCII):
            raise ImproperlyConfigured(f"{name} must be like https://doel9.example.nl, without a path, not {text!r}.")
        return text or default

    def folder(self, name, default):
        """Read the path of a folder; raise ImproperlyConfigured for one that depends on where the server starts."""
        path = Path(self.str(name, default="") or default)
        if not path.is_absolute():
            raise ImproperlyConfigured(f"{name} must be the whole path of a folder, from / on, not {str(path)!r}.")
        return path

    def mailbox(self, name, default):
        """Read an e-mail address; raise ImproperlyConfigured for what is neither one nor the default."""
        text = self.str(name, default=default)
        try:
            if text != default:
                validate_email(text)
        except ValidationError:
            raise ImproperlyConfigured(f"{name} must be an e-mail address, not {text!r}.") from None
        return text

    def secret(self, name):
        """Read 32 characters or more, that must be there, from NAME or from the file that NAME_FILE points to."""
        path = os.environ.get(f"{name}_FILE")
        try:
            value = Path(path).read_text().strip() if path else self.str(name, default="")
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}.") from error
        if not value:
            raise ImproperlyConfigured(f"{name} is not set. README.md says what it is for.")
        if len(value) < 32:
            raise ImproperlyConfigured(f"{name} must have 32 characters or more.")
        return value

    def database(self, name, default):
        """Read the address of one PostgreSQL or SQLite database; raise ImproperlyConfigured for any other."""
        address, memory = self.str(name, default="") or default, "sqlite://:memory:"
        if not address.startswith(("postgres://", "postgresql://", "sqlite:///")) and address != memory:
            raise ImproperlyConfigured(f"{name} must begin with postgres:// or sqlite:///.")
        config = self.parsed(name, self.db_url_config, address)
        # Without a path django-environ takes a database in memory, and without a name libpq that of the user.
        if config["NAME"] in {"", ":memory:"} and address != memory:
            raise ImproperlyConfigured(f"{name} must end with the name of a database or the path of a file.")
        return config

    def mail(self, name, default):
        """Read the address of a mail server; raise ImproperlyConfigured for one that is none."""
        return self.parsed(name, self.email_url_config, self.str(name, default="") or default)

    def parsed(self, name, parse, address):
        try:
            return parse(address)
        except (ValueError, ImproperlyConfigured) as error:
            raise ImproperlyConfigured(f"{name} is not a valid address: {error}.") from None
