/* bench-faces.c -- bench-faces PHOTO...: the faces of each photograph, for bench/masks.py. A row has the file name, the
 * box (x, y, width, height, px), the score, and x and y of the eyes, the nose and the mouth, in the order of
 * bench/labels/faces.csv. */
#include "method/faces/faces.h"
#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  static const int points[] = { RV_FACE_EYE_LEFT, RV_FACE_EYE_RIGHT, RV_FACE_NOSE, RV_FACE_MOUTH };
  for (int i = 1; i < argc; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (RvImage) photo = rv_image_load (argv[i], 0, 0, &error);
    g_autoptr (GArray) faces = photo ? rv__faces_detect (photo, 0, &error) : NULL;
    if (!faces) {
      fprintf (stderr, "bench-faces: %s\n", error->message);
      return EXIT_FAILURE;
    }
    for (guint k = 0; k < faces->len; k++) {
      const RvFace *face = &g_array_index (faces, RvFace, k);
      printf ("%s,%.1f,%.1f,%.1f,%.1f,%.3f", argv[i], face->left, face->top, face->right - face->left,
              face->bottom - face->top, face->score_01);
      for (guint p = 0; p < G_N_ELEMENTS (points); p++)
        printf (",%.1f,%.1f", face->point[points[p]].x, face->point[points[p]].y);
      printf ("\n");
    }
  }
  return EXIT_SUCCESS;
}
