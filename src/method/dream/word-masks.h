/* word-masks.h -- the pictures that say where words belong: "birds:sky.png". Layer 6 (method). */
#ifndef RV_WORD_MASKS_H
#define RV_WORD_MASKS_H

/* rv__word_masks_name: where in "WORD[:WEIGHT][:PLACE]" the place begins; NULL: it has none. */
const char *rv__word_masks_name (const char *text);

#endif
