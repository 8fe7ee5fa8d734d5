/* put-recipe.c -- put-recipe IN OUT.png <JSON: writes a picture with an arbitrary recipe, for tests of the program. */
#include <reverie/image.h>
#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  static char recipe[60000];
  if (argc != 3 || fread (recipe, 1, sizeof recipe - 1, stdin) == 0)
    return EXIT_FAILURE;
  g_autoptr (RvImage) image = rv_image_load (argv[1], 0, 0, NULL);
  return image && rv_image_save (image, argv[2], &(RvSaveOptions){ .recipe = recipe }, NULL) ? EXIT_SUCCESS
                                                                                             : EXIT_FAILURE;
}
