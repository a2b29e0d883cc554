"""Long exports: asked for on a page, made by a worker, fetched by whoever asked, gone after a day."""
