"""How a trial is carried out: from a question to the records in a study's folder."""
