"""Pure functions between this vendor's JSON and our types: one module a resource."""
