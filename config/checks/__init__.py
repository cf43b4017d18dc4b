"""System checks: the plugboard's rows fit, and a server that others reach is a safe one.

`config.apps` registers them. Errors keep every management command from running, `serve` among them.
"""
