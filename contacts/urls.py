from django.urls import path

from .views import ContactDetail, ContactLookup, ContactVCard

app_name = "contacts"
urlpatterns = [
    path("", ContactLookup.as_view(), name="lookup"),
    path("<slug:slug>/", ContactDetail.as_view(), name="detail"),
    path("<slug:slug>.vcf", ContactVCard.as_view(), name="vcard"),
]
