-- Pixels of some attacked pictures, for people to look at: PNGs of one part of the picture, clean and
-- attacked. `draw` is the picture's lot, a number in [0,1) that depends on its name alone. Since
-- version 3.
CREATE TABLE IF NOT EXISTS examples(
  run INTEGER NOT NULL REFERENCES runs(id),
  model INTEGER NOT NULL REFERENCES models(id),
  image INTEGER NOT NULL REFERENCES images(id),
  attack TEXT NOT NULL,
  attack_options TEXT NOT NULL,
  level TEXT NOT NULL,
  surrogate TEXT NOT NULL,
  change REAL,
  draw REAL,
  clean BLOB NOT NULL,
  attacked BLOB NOT NULL,
  PRIMARY KEY(run, model, attack, attack_options, level, surrogate, image)
);
