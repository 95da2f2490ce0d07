/* engine/data/tensors.h - `data tensors FILE`: images that somebody else has prepared, for comparing with another program.
 * A safetensors file with `images` [N, channels, height, width] and `labels` [N] (any integer type, from 0 on); optionally
 * `test_images` and `test_labels`, of the same size. Without those the test split is empty. 1 or 3 channels, sides of 8 to 256.
 * Images of a floating type are normalised already; bytes (U8) are normalised here, each channel by mean and standard deviation
 * of `images`. */
#ifndef ENGINE_TENSORS_H
#define ENGINE_TENSORS_H

#include "engine/data/dataset.h"

/* Fills classes, names (the numbers), train and test in file order, in HWC; not groups, name or digest.
 * classes: how many there are, or 0 = largest label + 1 (a single batch need not hold every class of its network).
 * Refuses other shapes, labels that are negative or too large, and numbers that are not finite.
 * On failure *d may be partly filled: dataset_free() it. */
int tensors_load(struct dataset *d, const char *path, int classes, struct err *err);

#endif
