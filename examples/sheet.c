/* sheet.c -- sheet OUT PICTURE...: pictures side by side, at one height, with a margin. Also an example of reading,
 * resizing and writing pictures with libreverie. */
#include <reverie/reverie.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEIGHT_PX 384
#define MARGIN_PX 16
#define PAPER 255.0f

static RvImage *
load (const char *file, GError **error)
{
  RvImageInfo info;
  if (!rv_image_probe (file, &info, error))
    return NULL;
  return rv_image_load (file, (int) ((double) info.width * HEIGHT_PX / info.height + 0.5), HEIGHT_PX, error);
}

static void
paste (RvImage *sheet, const RvImage *picture, int left, int top)
{
  for (int c = 0; c < 3; c++)
    for (int y = 0; y < picture->height; y++)
      memcpy ((float *) sheet->rgb->data + ((gsize) c * sheet->height + top + y) * sheet->width + left,
              (float *) picture->rgb->data + ((gsize) c * picture->height + y) * picture->width,
              picture->width * sizeof (float));
}

/* (transfer full) (nullable): the pictures of all files from left to right. */
static RvImage *
make_sheet (int n, char **files, GError **error)
{
  g_autoptr (GPtrArray) pictures = g_ptr_array_new_with_free_func ((GDestroyNotify) rv_image_unref);
  int width = MARGIN_PX, left = MARGIN_PX;
  for (int i = 0; i < n; i++) {
    RvImage *picture = load (files[i], error);
    if (!picture)
      return NULL;
    g_ptr_array_add (pictures, picture);
    width += picture->width + MARGIN_PX;
  }
  RvImage *sheet = rv_image_new (width, HEIGHT_PX + 2 * MARGIN_PX, error);
  for (gint64 i = 0; sheet && i < rv_tensor_count (sheet->rgb); i++)
    ((float *) sheet->rgb->data)[i] = PAPER;
  for (guint i = 0; sheet && i < pictures->len; i++) {
    const RvImage *picture = pictures->pdata[i];
    paste (sheet, picture, left, MARGIN_PX);
    left += picture->width + MARGIN_PX;
  }
  return sheet;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  if (argc < 3) {
    fprintf (stderr, "usage: sheet OUT PICTURE...\n");
    return 2;
  }
  g_autoptr (RvImage) sheet = make_sheet (argc - 2, argv + 2, &error);
  if (sheet && rv_image_save (sheet, argv[1], &(RvSaveOptions){ .quality = 82 }, &error))
    return EXIT_SUCCESS;
  fprintf (stderr, "sheet: %s\n", error->message);
  return EXIT_FAILURE;
}
