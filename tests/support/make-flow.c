/* make-flow.c -- make-flow FOLDER: writes from.png, to.png and truth.flo of a scene of flow-scene.h. */
#include "flow-scene.h"
#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FlowScene) scene = flow_scene_new (120, 160, &flow_motions[0]);
  if (argc == 2 && flow_scene_save (scene, argv[1], "", &error))
    return EXIT_SUCCESS;
  fprintf (stderr, "make-flow: %s\n", error ? error->message : "which folder?");
  return EXIT_FAILURE;
}
