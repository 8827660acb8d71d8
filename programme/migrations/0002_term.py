import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programme", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Term",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True, verbose_name="naam")),
                (
                    "slug",
                    models.SlugField(
                        help_text="Wordt het anker op de pagina Begrippen.", unique=True, verbose_name="webadres"
                    ),
                ),
                (
                    "other_names",
                    models.CharField(
                        blank=True,
                        help_text="Met komma’s ertussen. Lezers zien ze bij het begrip.",
                        max_length=300,
                        verbose_name="andere namen",
                    ),
                ),
                (
                    "forms",
                    models.TextField(
                        max_length=1000,
                        blank=True,
                        help_text="Zoals teksten het woord ook schrijven, met komma’s ertussen: bbl’er, bbl-student. Lezers zien dit niet. Een vorm die nergens staat, krijgt in teksten geen link.",
                        verbose_name="andere vormen",
                    ),
                ),
                (
                    "explanation",
                    models.TextField(
                        help_text="In één tot vier korte zinnen. Is het voorbij? Schrijf dat er dan bij. Opmaak: lege regel = nieuwe alinea, ### kop, **vet**, regels met - ervoor = lijst, [tekst](https://adres) = link. HTML wordt als tekst getoond; plaatjes kunnen niet.",
                        verbose_name="uitleg",
                    ),
                ),
                (
                    "instrument",
                    models.SlugField(
                        blank=True,
                        help_text="Het webadres van het experiment of de leerroute waar dit woord de naam van is, zoals rif.",
                        verbose_name="experiment of leerroute",
                    ),
                ),
                (
                    "source_title",
                    models.CharField(
                        help_text="Voor een woord van deze site: dit portaal.", max_length=200, verbose_name="bron"
                    ),
                ),
                (
                    "source_url",
                    models.URLField(blank=True, max_length=500, verbose_name="webadres van de bron"),
                ),
            ],
            options={
                "verbose_name": "begrip",
                "verbose_name_plural": "begrippen",
                "ordering": [django.db.models.functions.text.Lower("name"), "pk"],
            },
        ),
    ]
