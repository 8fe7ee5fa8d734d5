/* fuzz-y4m.c -- libFuzzer target: any bytes as a film of uncoded frames (YUV4MPEG2): what it says that it is, and its
 * first frames, as they are and over again. Built with -Dfuzz=true; run by tools/check.sh. */
#include <glib/gstdio.h>
#include <reverie/film.h>

#define N_FRAMES 3

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
read_frames (const char *file, const RvFilmInfo *info)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvFilmReader) reader = rv_film_reader_new (file, NULL, &error);
  if (!reader == !error)
    __builtin_trap (); /* just one of the two */
  for (int i = 0; reader && i < N_FRAMES; i++) {
    g_autoptr (RvImage) frame = rv_film_reader_next (reader, &error);
    if (!frame)
      return; /* at its end, or with an error */
    if (error || frame->width != info->width || frame->height != info->height)
      __builtin_trap ();
  }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static char *file;
  if (!file)
    file = g_build_filename (g_get_tmp_dir (), "fuzz.y4m", NULL);
  if (!g_file_set_contents (file, (const char *) data, (gssize) size, NULL))
    return -1;
  g_autoptr (GError) error = NULL;
  RvFilmInfo info;
  gboolean known = rv_film_probe (file, &info, &error);
  if (known == (error != NULL))
    __builtin_trap ();
  if (known && (info.width < 1 || info.height < 1 || info.rate_num < 1 || info.rate_den < 1 || info.n_frames < 0))
    __builtin_trap ();
  if (known)
    read_frames (file, &info);
  return 0;
}
