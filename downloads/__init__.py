"""The downloads room: media fetched for people, kept with what it is and where it came from."""
