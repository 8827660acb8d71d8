from django.core.management.base import BaseCommand, CommandError

from publishing import links
from publishing.models import Link


class Command(BaseCommand):
    help = "Test of de adressen in de inhoud nog werken, die van het langst geleden eerst."

    def add_arguments(self, parser):
        parser.add_argument("--hoogstens", type=int, default=500, help="zoveel adressen in deze keer (500)")

    def handle(self, *args, hoogstens, verbosity, **options):
        if hoogstens < 1:
            raise CommandError("--hoogstens is 1 of meer.")
        new, gone = links.collect()
        self.stdout.write(f"Links: {Link.objects.count()} ({new} nieuw, {gone} weg).")
        try:
            report = links.check(Link.objects.due()[:hoogstens])
        except links.NoNetwork:
            raise CommandError(
                "Geen verbinding: geen enkel adres gaf antwoord. Dat ligt vast aan deze computer of zijn netwerk, "
                "dus niets is geteld."
            ) from None
        works, fails, unknown = (report.counts[each] for each in (True, False, None))
        self.stdout.write(f"Getest: {report.tried}. Werkt: {works}, mis: {fails}, niet te testen: {unknown}.")
        if report.left:
            self.stdout.write(f"Nog niet getest, omdat de website geen antwoord gaf of om rust vroeg: {report.left}.")
        for link in report.broke:
            self.stdout.write(f"Nu kapot: {link.url} {link.error}")
        for link in report.mended:
            self.stdout.write(f"Werkt weer: {link.url}")
