"""Django's routes: the admin, and each surface under its prefix."""

from django.contrib import admin
from django.urls import path

urlpatterns = [path("admin/", admin.site.urls)]
