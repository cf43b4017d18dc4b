"""The extractive engine: finds values in a conversation and shows the words they stand in.

No language model, no network. A value comes with the spans that bear it out, or not at all.
`extract` is the door; `study` is what the finders look at, and each finder keeps one noun.
"""
