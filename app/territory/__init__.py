"""Territory is official: communes, départements and regions, as the State lists them."""
