-- How a model was trained: loss, validation measures and the like after each epoch. Since version 3.
CREATE TABLE IF NOT EXISTS history(
  model INTEGER NOT NULL REFERENCES models(id),
  epoch INTEGER NOT NULL,
  quantity TEXT NOT NULL,
  value REAL,
  PRIMARY KEY(model, epoch, quantity)
) WITHOUT ROWID;
