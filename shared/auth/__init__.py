"""Who is asking and who may: bearer tokens, the identity provider's keys, the audience of a view."""
