/* make-vgg.c -- make-vgg NETWORK FORM OUT.safetensors: VGG with formula weights, for the tests of the program. */
#include "formula.h"
#include "net/net.h"
#include <reverie/weights.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  if (argc != 4)
    return EXIT_FAILURE;
  g_autoptr (RvNet) net = formula_vgg (argv[1], argv[2], 1, 1);
  return rv_weights_save (net->weights, argv[3], NULL) ? EXIT_SUCCESS : EXIT_FAILURE;
}
