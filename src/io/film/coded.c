/* coded.c -- videos that ffmpeg reads and writes: all other formats. */
#include "io/film/coded.h"

const RvFilmFormat rv__film_coded = {
  .probe = rv__coded_probe,
  .open = rv__coded_open,
  .next = rv__coded_next,
  .close = rv__coded_close,
  .check_target = rv__coded_check_target,
  .fit_size = rv__coded_fit_size,
  .create = rv__coded_create,
  .add = rv__coded_add,
  .cut = rv__coded_cut,
  .finish = rv__coded_finish,
  .discard = rv__coded_discard,
  .comment = rv__coded_comment,
};
