from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate, pre_migrate

ROOMS = ["programme", "contacts", "experiments", "routes", "cases", "discovery"]
# Changes of these show on no page: messages are for the one who answers, words and the version follow from the rest.
NOT_PUBLIC = {
    "cases.remark",
    "cases.submission",
    "contacts.message",
    "discovery.contentversion",
    "discovery.word",
    "programme.workarea",
}


class TechniekpactConfig(AppConfig):
    name = "techniekpact"
    verbose_name = "Portaal"
    default = True

    def ready(self):
        from discovery.index import register

        from .search import KINDS

        for kind in KINDS:
            register(kind)
        pre_migrate.connect(remove, sender=self)
        post_migrate.connect(install, sender=self)


def public_tables():
    """The tables that something public is made of: a change of any of them moves the content version."""
    models = [model for room in ROOMS for model in apps.get_app_config(room).get_models(include_auto_created=True)]
    return [model._meta.db_table for model in models if model._meta.label_lower not in NOT_PUBLIC]


def remove(plan=(), **kwargs):
    from discovery.database import remove

    if plan:
        remove()


def install(**kwargs):
    from discovery.database import install

    install(public_tables())


class PortalAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "techniekpact.sites.PortalAdminSite"
