"""The download service: the engine of `kapture.gateways.media` behind HTTP, on a machine of its own."""
