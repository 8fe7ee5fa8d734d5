/* make-net.c -- make-net NETWORK OUT.safetensors [FORM]: writes a network with formula weights, for tests of the
 * program and benchmarks. Weights of VGG have torchvision's names. Those of other networks have the names of FORM;
 * default: the network's own names. */
#include "formula.h"
#include "net/net.h"
#include <reverie/weights.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  if (argc != 3 && argc != 4)
    return EXIT_FAILURE;
  gboolean vgg = g_str_has_prefix (argv[1], "vgg");
  g_autoptr (RvNet) net = vgg ? formula_vgg (argv[1], "torchvision", 1, 1) : formula_net_as (argv[1], argv[3]);
  return rv_weights_save (net->weights, argv[2], TRUE, NULL) ? EXIT_SUCCESS : EXIT_FAILURE;
}
