/* where.h -- the pictures that say where words belong: "birds:sky.png". Layer 6 (method). */
#ifndef RV_DREAM_WHERE_H
#define RV_DREAM_WHERE_H

/* rv__dream_word_place: where in "WORD[:WEIGHT][:PLACE]" the place begins; NULL: it has none. */
const char *rv__dream_word_place (const char *text);

#endif
