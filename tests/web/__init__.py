"""Does a person get what they asked for? Each page through the test client, and sweeps over all routes."""
