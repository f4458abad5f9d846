// Aviary
