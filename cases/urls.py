from django.urls import path

from .views import CaseDetail, CaseList

app_name = "cases"
urlpatterns = [
    path("", CaseList.as_view(), name="list"),
    path("<slug:slug>/", CaseDetail.as_view(), name="detail"),
]
