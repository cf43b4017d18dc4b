"""Thin views, one module a resource: parse, call, render."""
