from django import template

register = template.Library()


@register.filter
def explain(text, glossary):
    """The text, with a link at the first use of each term; as it is where a page has no glossary."""
    return glossary.explain(text) if glossary else text
