from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from cases.views import CaseDetail, RemarkOnCase, SubmitCase, image, share
from experiments.views import ExperimentDetail, QualificationDetail
from publishing.preview import preview, register
from routes.views import RouteDetail

from . import views
from .answers import CheckAnswer
from .sitemaps import sitemaps
from .sites import PortalAdminSite, ResetForm


def reset(view, **options):
    """A page of 'wachtwoord vergeten', in the look of the admin and kept by no cache."""
    names = {"site_header": PortalAdminSite.site_header, "site_title": PortalAdminSite.site_title}
    return never_cache(view.as_view(extra_context=names, **options))


register(CaseDetail, ExperimentDetail, QualificationDetail, RouteDetail)  # what can be looked at before it is public

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("doel-9/", views.GoalDetail.as_view(), {"number": 9}, name="goal"),
    path("doelen/doel-9", RedirectView.as_view(pattern_name="goal", permanent=True)),
    path("doelen/doel-9/", RedirectView.as_view(pattern_name="goal", permanent=True)),
    path("cases/", include("cases.urls")),
    path("case-aanmelden/", SubmitCase.as_view(), name="submit_case"),
    path("case-verbeteren/<slug:slug>/", RemarkOnCase.as_view(), name="remark"),
    path("beelden/<slug:digest>-<int:width>.<slug:kind>", image, name="image"),
    path("deelbeeld.png", share, name="share"),
    path("deelbeeld/<slug:slug>.png", share, name="share"),
    path("experimenten/", include("experiments.urls")),
    path("leerroutes/", include("routes.urls")),
    path("voorbeeld/<str:token>/", preview, name="preview"),
    path("organisaties/<slug:slug>/", views.OrganisationDetail.as_view(), name="organisation"),
    path("contact/", include("contacts.urls")),
    path("zoeken/", views.Search.as_view(), name="search"),
    path("zoeken/suggesties/", views.Suggestions.as_view(), name="suggestions"),
    path("dekking/", views.Coverage.as_view(), name="coverage"),
    path("controle/<str:token>/", CheckAnswer.as_view(), name="freshness"),
    path("over/", views.About.as_view(), name="about"),
    path("begrippen/", views.Terms.as_view(), name="glossary"),
    path("toegankelijkheid/", views.Accessibility.as_view(), name="accessibility"),
    path("privacy/", views.Privacy.as_view(), name="privacy"),
    path("stijlgids/", views.StyleGuide.as_view(), name="style_guide"),
    path("robots.txt", views.robots),
    path("favicon.ico", views.favicon),
    path("sitemap.xml", sitemap, {"sitemaps": sitemaps}, name="sitemap"),
    path("health/live", views.live),
    path("health/ready", views.ready),
    path(
        "beheer/wachtwoord-vergeten/", reset(auth.PasswordResetView, form_class=ResetForm), name="admin_password_reset"
    ),
    path("beheer/wachtwoord-vergeten/verzonden/", reset(auth.PasswordResetDoneView), name="password_reset_done"),
    path(
        "beheer/nieuw-wachtwoord/<uidb64>/<token>/",
        reset(auth.PasswordResetConfirmView),
        name="password_reset_confirm",
    ),
    path("beheer/nieuw-wachtwoord/klaar/", reset(auth.PasswordResetCompleteView), name="password_reset_complete"),
    path("beheer/", admin.site.urls),
]

handler400 = "techniekpact.errors.bad_request"
handler500 = "techniekpact.errors.server_error"
