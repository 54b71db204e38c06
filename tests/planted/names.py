"""Given names and surnames of pupils in Sweden, from memory of class lists; no list of the scanner was used.

Left out are names that are common words too (Juni, Lo): alone, they are the word more often than the pupil.
"""

_GIVEN = """
Agnes Albin Alexander Alice Alicia Alma Alva Alvin Amanda Amina Anna Anton Arvid Astrid Axel Benjamin Cornelia Daniel David
Ebba Edvin Elias Elin Elina Ella Ellen Elsa Elvira Emil Emilia Emma Erik Ester Eva Fatima Felicia Felix Filip Fredrik Gabriel
Gustav Hampus Hanna Hassan Hedda Helena Hilda Hugo Ida Ines Ingrid Iris Isabella Isak Jakob Jasmine Joel Johan Johanna Jonas
Jonathan Josefin Julia Kajsa Karin Karl Klara Kevin Lea Leia Leo Lina Linnea Linus Lova Lovisa Lukas Maja Malin Malte
Maria Matilda Max Melker Melvin Mila Minna Mira Mohammed Molly Nathalie Nellie Nils Noah Nora Novalie Oliver Olivia Olle
Omar Oscar Oskar Otto Pontus Rasmus Rebecka Robin Ronja Saga Sally Samuel Sara Sebastian Selma Signe Simon Siri Sixten Sofia
Stella Stina Svea Theo Thea Tilde Tim Tindra Tova Tuva Tyra Vera Vidar Viktor Vilma Vincent Wilma William Yusuf Zahra Ali
Ahmed Abdi Aisha Amir Ayan Bilal Dua Elaf Farah Hodan Ibrahim Ismail Jamal Khadija Layla Maryam Mustafa Nimo Noor Rahma Reza
Samira Sumaya Yasmin Zainab Jonna Tilda Moa Ludvig Casper Jesper Viggo Frank Ture Loke Nomi Juno Elise Celine Milo Elton
Kristoffer Andreas Marcus Mattias Henrik Sofie Therese Evelina Emelie Frida Jennifer Jenny Caroline Charlotte Ellinor
Anna-Karin Lars-Erik Ann-Sofie Karl-Johan Eva-Lena Maj-Britt Jan-Olof Lisa-Marie
"""

_SURNAMES = """
Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson Jansson Hansson
Bengtsson Jönsson Lindberg Jakobsson Magnusson Lindström Olofsson Lindqvist Lindgren Berg Axelsson Bergström Lundberg Lind
Lundgren Lundqvist Mattsson Berglund Fredriksson Sandberg Henriksson Ali Mohamed Forsberg Sjöberg Wallin Engström Eklund
Danielsson Lundin Håkansson Björk Bergman Gunnarsson Holm Wikström Samuelsson Isaksson Fransson Bergqvist Nyström Holmberg
Arvidsson Löfgren Söderberg Nyberg Blomqvist Claesson Nordström Mårtensson Lundström Hassan Viklund Björklund Eliasson
Berggren Sandström Ström Nordin Hermansson Åberg Ekström Falk Holmgren Hellström Dahlberg Hedlund Sundberg Sjögren Ek
Martinsson Blom Abrahamsson Öberg Månsson Hansen Åkesson Strömberg Dahl Lindholm Norberg Holmqvist Marklund Burman Stenlund
Brännström Grahn Risberg Renström Hägglund Boström Norén Lidström Wiklund Sehlin Åström Stenvall Näslund Edlund Fahlgren
Kero Kuorak Labba Omma Sarri Blind Utsi Niia Svonni Huuva Marakatt Warsame Abdullahi Farah Hussein Osman Yusuf Ibrahim
Haddad Khalil Nguyen Tran Hosseini Ahmadi Rezaei Mohammadi Tesfay Haile Gebremedhin Kovačević Popescu Nowak Kowalska García
Özdemir Yılmaz Petrov Ivanova O'Brien MacDonald af-Ekenstam Hagström Fjellström Degerman Bäcklund Häggström Rönnqvist
"""

GIVEN = tuple(_GIVEN.split())
SURNAMES = tuple(_SURNAMES.split())
