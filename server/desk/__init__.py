"""The desk: what experimenters, analysts and raters see behind a login."""
