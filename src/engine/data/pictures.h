/* engine/data/pictures.h - `data folder` and `data list`: sets of JPEG and PNG files (methods 1.9). A set keeps names; a picture is
 * decoded when somebody asks for it, until pictures_settle() has taken what fits into memory. */
#ifndef ENGINE_PICTURES_H
#define ENGINE_PICTURES_H

#include "engine/data/dataset.h"
#include "engine/data/picture.h"

/* The files that a request for a folder or lists names: release the listing, after a failure too. */
struct picture_listing;
int pictures_list(struct picture_listing *l, const struct data_request *r, struct err *err);

/* Pixels of the shorter side before the centre is cut out. */
int pictures_shorter_side(const struct data_request *r);

/* Fills classes by descending count, names, train, test and val; not groups, name or digest. d->note says what was left out.
 * On failure *d may be partly filled: dataset_free() it. */
int pictures_load(struct dataset *d, const struct data_request *r, struct err *err);

/* The largest size of a class's list for which every class has the images that the profile asks of it. */
double pictures_full(const struct dataset *d, const struct data_request *r);

/* Once it is known which pictures are used: decodes them, where all splits take at most kept_mib and their files a quarter of it, and measures mean and deviation of the
 * training pictures (of at most 4096, evenly spaced, where they do not stay). -1 with *err: which cannot be decoded, and how many. */
int pictures_settle(struct dataset *d, uint32_t kept_mib, struct err *err);

/* The files of a set of pictures on disk; NULL: it is no such set. The number of an image's file among them. */
struct picture_files *pictures_files(const struct image_set *set);
uint32_t pictures_file(const struct image_set *set, uint32_t position);

/* Which published set, and which version of it, the numbers of classes and pictures look like, in a line; "": none. */
void pictures_likeness(const struct dataset *d, char *out, size_t size);

/* Mean and deviation of the published set that has d's numbers, and its name, both for ever; NULL: none, or none are known of it. */
const struct image_norm *pictures_norm(const struct dataset *d, const char **name);

/* Index ranges of the groups of published sets by the number of classes (methods 1.3), where d's classes are as many; else NULL. */
const char *pictures_groups(const struct dataset *d);

#endif
