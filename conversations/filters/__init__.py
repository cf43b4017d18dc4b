"""The mini-language of list filters (`name=like.Voice%`, `or=(a.eq.1,b.gt.2)`), PostgREST's.

`scanner` reads characters, `grammar` makes trees of them, `columns` knows what may be asked of
which column and turns trees into conditions, `ordering` sorts, and `listing` puts a whole query
string together. Nothing of what a caller writes becomes SQL: columns and operators come from
tables, the rest is parameters.
"""
