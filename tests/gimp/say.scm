; say.scm -- what cases say: line by line to the file "said", or in a file of its own; errors as values.
(define port (open-output-file "said"))
(define (say . parts)
  (for-each (lambda (part) (display part port) (display " " port)) parts)
  (newline port))
(define (say-in file . parts)
  (let ((before port))
    (set! port (open-output-file file))
    (apply say parts)
    (close-output-port port)
    (set! port before)))

; (attempt THUNK): its value, or the words of the error.
(define (attempt thunk)
  (call/cc
    (lambda (leave)
      (let ((hook *error-hook*))
        (set! *error-hook* (lambda words (set! *error-hook* hook) (leave (if (pair? words) (car words) "an error"))))
        (let ((value (thunk)))
          (set! *error-hook* hook)
          value)))))
