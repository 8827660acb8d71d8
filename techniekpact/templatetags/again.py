from django import template
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.safestring import mark_safe

register = template.Library()


@register.simple_tag(takes_context=True)
def again(context, name):
    """A block once more, as the value of an attribute: Django lets a template name each block only once."""
    text = context.render_context[BLOCK_CONTEXT_KEY].get_block(name).render(context)
    return mark_safe(" ".join(text.split()).replace('"', "&quot;"))  # noqa: S308  (escaped where the block is)
