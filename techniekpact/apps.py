from django.apps import AppConfig


class TechniekpactConfig(AppConfig):
    name = "techniekpact"
    verbose_name = "Portaal"
