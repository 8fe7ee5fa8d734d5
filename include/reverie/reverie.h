/* reverie.h -- all of libreverie. A whole program that uses it: examples/embed.c. */
#ifndef RV_REVERIE_H
#define RV_REVERIE_H

#include <reverie/compute.h>
#include <reverie/dataset.h>
#include <reverie/dream.h>
#include <reverie/error.h>
#include <reverie/fetch.h>
#include <reverie/film.h>
#include <reverie/flow-file.h>
#include <reverie/flow.h>
#include <reverie/image.h>
#include <reverie/kernels.h>
#include <reverie/net.h>
#include <reverie/settings.h>
#include <reverie/style.h>
#include <reverie/tensor.h>
#include <reverie/vae.h>
#include <reverie/version.h>
#include <reverie/weights.h>

#endif
