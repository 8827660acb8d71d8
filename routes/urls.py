from django.urls import path

from .views import OfferingList, RouteDetail

app_name = "routes"
urlpatterns = [
    path("", OfferingList.as_view(), name="list"),
    path("<slug:slug>/", RouteDetail.as_view(), name="detail"),
]
