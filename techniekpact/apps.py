from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class TechniekpactConfig(AppConfig):
    name = "techniekpact"
    verbose_name = "Portaal"
    default = True


class PortalAdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "techniekpact.sites.PortalAdminSite"
