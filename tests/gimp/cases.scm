; cases.scm -- calls the procedures of the plug-in, and writes a line for each result to the file "said", which
; test-gimp.sh checks.
(load (string-append tests "/say.scm"))

(define quick "{\"exact\": true, \"threads\": 1, \"iterations\": 3, \"climb-from\": 0}")

; Each procedure paints, to be compared with the bytes of the program; the painting is a file or an open image.
(define (same name image layer)
  (say name (number? layer) (count-layers image))
  (if (number? layer) (save-picture image (string-append name ".ppm"))))
(define (as-ppm name) (save-picture (open-picture (string-append name ".png")) (string-append name ".ppm")))
(as-ppm "photo")
(as-ppm "cli-style")
(as-ppm "cli-learned")
(as-ppm "cli-dream")
(let ((image (open-picture "photo.png")))
  (gimp-image-set-resolution image 300 200)
  (same "style" image (attempt (lambda () (style image "painting.png" quick))))
  (say "resolution" (car (gimp-image-get-resolution image)) (cadr (gimp-image-get-resolution image))))
(let ((image (open-picture "photo.png")))
  (same "style-after" image (attempt (lambda () (style-after image (open-picture "painting.png") quick)))))
(let* ((image (open-picture "photo.png"))
       (layer (attempt (lambda () (learned image "" "{\"with\": \"hokusai-wave\", \"threads\": 1}")))))
  (same "learned" image layer)
  (say "name" (car (gimp-item-get-name layer))))
(let* ((image (open-picture "photo.png"))
       (layer (attempt (lambda () (dream image "" "{\"preset\": \"test\", \"exact\": true, \"threads\": 1}")))))
  (same "dream" image layer)
  (say "recipe" (recipe-of layer)))
(let ((image (open-picture "photo.png")))
  (same "dream-toward" image
    (attempt (lambda () (dream-toward image "{\"guide\": \"painting.png\"}" "{\"preset\": \"test\", \"exact\": true}")))))

; A dream from noise takes no picture and has its own size.
(let* ((image (open-picture "photo.png"))
       (layer (attempt (lambda () (dream image "" "{\"from\": \"noise\", \"size\": 64, \"iterations\": 1, \"octaves\": 1}")))))
  (say "noise" (car (gimp-drawable-get-width layer)) (car (gimp-drawable-get-height layer))))

; The selection becomes the mask of the layer; without a selection the layer has no mask.
(let ((image (open-picture "photo.png")))
  (say "unmasked" (mask-of (learned image "" "{\"with\": \"hokusai-wave\"}"))))
(let ((image (open-picture "photo.png")))
  (gimp-image-select-rectangle image CHANNEL-OP-REPLACE 10 10 20 15)
  (let ((mask (mask-of (learned image "" "{\"with\": \"hokusai-wave\"}"))))
    (gimp-selection-none image)
    (say "masked" (list-ref (gimp-drawable-histogram mask HISTOGRAM-VALUE 0.99 1) 4)
      (list-ref (gimp-drawable-histogram mask HISTOGRAM-VALUE 0 0.01) 4))))

; With a strength of 0 the photograph stays the same, for all precisions, transparency, greys and linear light.
(define (count-different image)
  (gimp-layer-set-mode (layer-of image) LAYER-MODE-DIFFERENCE)
  (list-ref (gimp-drawable-histogram (car (gimp-image-flatten image)) HISTOGRAM-VALUE 0.02 1) 4))
(define (unchanged name change)
  (let ((image (open-picture "photo.png")))
    (change image)
    (let* ((before (profile image)) (layer (attempt (lambda () (learned image "" "{\"with\": \"hokusai-wave\", \"strength\": 0}")))))
      (say name (if (number? layer) (count-different image) layer) (equal? before (profile image))))))
(unchanged "u8" (lambda (image) image))
(unchanged "u16" (lambda (image) (gimp-image-convert-precision image PRECISION-U16-GAMMA)))
(unchanged "float" (lambda (image) (gimp-image-convert-precision image PRECISION-FLOAT-LINEAR)))
(unchanged "u8-linear" (lambda (image) (gimp-image-convert-precision image PRECISION-U8-LINEAR)))
(unchanged "alpha" (lambda (image) (gimp-layer-add-alpha (layer-of image))))
(unchanged "grey" (lambda (image) (gimp-image-convert-grayscale image)))

; Wrong arguments return the library's error, and do not change the image.
(define (refused name image thunk)
  (gimp-image-clean-all image)
  (say name (attempt thunk) "layers" (count-layers image) "dirty" (car (gimp-image-is-dirty image))))
(let ((image (open-picture "photo.png")))
  (refused "no-painting" image (lambda () (style image "" quick)))
  (refused "no-file" image (lambda () (style image "nothing.png" quick)))
  (refused "no-json" image (lambda () (style image "painting.png" "strength 50")))
  (refused "no-setting" image (lambda () (style image "painting.png" "{\"strenght\": 50}")))
  (refused "no-role" image (lambda () (dream-toward image "{\"gide\": \"painting.png\"}" "")))
  (refused "no-list" image (lambda () (dream-toward image "{\"guide\": 3}" "")))
  (refused "no-style" image (lambda () (learned image "" "{\"with\": \"nobody\"}")))

  ; Every row of the option tables is set: each refuses a wrong value.
  (load "rows.scm"))
(close-output-port port)
