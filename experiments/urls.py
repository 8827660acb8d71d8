from django.urls import path

from .views import ExperimentDetail, ParticipationList, QualificationDetail

app_name = "experiments"
urlpatterns = [
    path("", ParticipationList.as_view(), name="list"),
    path("<slug:slug>/", ExperimentDetail.as_view(), name="detail"),
    path("kwalificaties/<slug:slug>/", QualificationDetail.as_view(), name="qualification"),
]
