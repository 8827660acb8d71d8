"""Which rows an editor works on: a redacteur those in the landsdelen of the own WorkArea."""

from django.db.models import Q

from publishing.workflow import may_publish

from .models import Region


def landsdelen_of(user):
    """The landsdelen that `user` works for, as a queryset."""
    area = getattr(user, "work_area", None)
    return area.regions.all() if area else Region.objects.none()


def in_own_area(rows, user, *paths):
    """Those of `rows` that `user` works on. `paths` lead from a row to its provinces.

    Who may publish works on all. A redacteur works on what lies in the own landsdelen, on what is nationwide,
    as that belongs to every region, and on own concepts, which may not have a province yet.
    """
    if may_publish(user, rows.model):
        return rows
    ours = Q(author=user, published_at__isnull=True)
    for path in paths:
        ours |= Q(**{f"{path}__landsdeel__in": landsdelen_of(user)})
    if any(field.name == "nationwide" for field in rows.model._meta.fields):
        ours |= Q(nationwide=True)
    return rows.filter(pk__in=rows.model._base_manager.filter(ours).values("pk"))
