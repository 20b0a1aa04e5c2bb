"""What turns one machine into a whole Kapture: embedded servers, stand-ins and the supervisor of `make run`."""
